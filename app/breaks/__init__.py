"""Why an agent may be away and for how long: data that the bank edits, limits that the server keeps."""
