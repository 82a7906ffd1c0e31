SHARED_validate := keys tuple
LIBS_validate := -lpcre2-8
