AWS_glue := yes
SHARED_glue := catalog declared jsoncall object order partitions tablediff \
               tableinput tableobject viewsql
