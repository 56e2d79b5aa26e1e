"""What the measure of pages is made of: services, client, CPU time, scenario, report, floor."""
