LIBS_dashboard := -lcrypto -lutf8proc -lm

# What the page holds besides the results; assets.c takes them in as they are.
$(BUILD)/obj/plugins/dashboard/assets.o: plugins/dashboard/page.css \
    plugins/dashboard/page.js
