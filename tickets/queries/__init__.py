"""Reading incidents: clocks and ledger, the thread, customers' lists, the engineers' desk."""
