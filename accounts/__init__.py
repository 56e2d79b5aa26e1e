"""People, companies, sites, agencies, absences, access, training register."""
