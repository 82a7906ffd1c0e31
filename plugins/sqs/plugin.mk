AWS_sqs := yes
