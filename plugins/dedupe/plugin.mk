SHARED_dedupe := yes
