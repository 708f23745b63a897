"""Files that stations fetch and send: kept in the database, reached by credentials for one purpose."""
