SHARED_file := wildcard
