SHARED_webhook := message document transfer
LIBS_webhook := -lcurl -lcrypto -ljansson
