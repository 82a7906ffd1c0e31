AWS_s3 := yes
LIBS_s3 := -lcurl -lcrypto -lexpat -ljansson -lpthread
