LIBS_validate := -lpcre2-8
