LIBS_duckdb := -ljansson -ldl -lpthread
CFLAGS_duckdb := -Iplugins -DDUCKDB_FOLDER='"$(pluginsdir)/lib"'
