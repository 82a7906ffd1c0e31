LIBS_duckdb := -ljansson -ldl -lpthread
CFLAGS_duckdb := -DDUCKDB_FOLDER='"$(pluginsdir)/lib"'
