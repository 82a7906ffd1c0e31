SHARED_dedupe := keys tuple
