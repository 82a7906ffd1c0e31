AWS_athena := yes
SHARED_athena := catalog tableinput viewsql
