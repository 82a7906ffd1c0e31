AWS_athena := yes
SHARED_athena := catalog declared jsoncall object order partitions tablediff \
                 tableinput tableobject viewsql
