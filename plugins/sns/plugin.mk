AWS_sns := yes
SHARED_sns := message document
LIBS_sns := -lcurl -lcrypto -lexpat -ljansson -lpthread
