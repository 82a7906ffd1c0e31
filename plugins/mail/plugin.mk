SHARED_mail := message transfer
LIBS_mail := -lcurl
