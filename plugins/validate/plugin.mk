SHARED_validate := yes
LIBS_validate := -lpcre2-8
