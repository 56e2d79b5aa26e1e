"""Forms of the engineers' desk and of the rules of promises. They judge input and write nothing."""
