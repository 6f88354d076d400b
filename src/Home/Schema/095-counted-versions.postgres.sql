-- An experiment whose bucket version is raised begins anew, so what is counted names both, as in `banner-colours__1`.
UPDATE home_event_counts SET experiment = experiment || '__0' WHERE experiment <> '';
