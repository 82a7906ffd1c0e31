/*
 * aws/region.c: see region.h.  Regions are known by their prefix, so that a
 * new one needs no new release.
 */
#include "aws/region.h"

static const struct {
    const char *prefix;
    struct aws_partition partition;
} partitions[] = {
    {"cn-", {"aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn"}},
    {"us-gov-", {"aws-us-gov", "amazonaws.com", "api.aws"}},
    {"eusc-", {"aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu"}},
    {"us-iso-", {"aws-iso", "c2s.ic.gov", "api.aws.ic.gov"}},
    {"us-isob-", {"aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud"}},
    {"eu-isoe-", {"aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"}},
    {"us-isof-", {"aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov"}},
    {"", {"aws", "amazonaws.com", "api.aws"}},
};

bool
aws_region_is_valid(const char *region)
{
    size_t size = strlen(region);

    if (size == 0 || size >= AWS_REGION_MAX || region[0] == '-' ||
        region[size - 1] == '-')
        return false;
    for (size_t i = 0; i < size; i++) {
        char c = region[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
            !(c >= '0' && c <= '9') && c != '-')
            return false;
    }
    return true;
}

const struct aws_partition *
aws_region_partition(const char *region)
{
    size_t i = 0;

    while (strncmp(region, partitions[i].prefix,
                   strlen(partitions[i].prefix)) != 0)
        i++;
    return &partitions[i].partition;
}
