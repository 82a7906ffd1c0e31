AWS_s3 := yes
SHARED_s3 := on_success wildcard
LIBS_s3 := -lcurl -lcrypto -lexpat -ljansson -lpthread
