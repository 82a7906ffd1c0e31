SHARED_file := on_success wildcard
