package inference

import (
	"regexp"
	"slices"
	"strings"
)

var regionForm = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+){1,2}-[0-9]{1,2}$`)

// bedrockRegions have Bedrock Runtime (testdata/bedrock-models.json, which says
// where each list comes from; the last four are not confirmed there).
var bedrockRegions = []string{
	"af-south-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2",
	"ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6",
	"ap-southeast-7", "ca-central-1", "ca-west-1", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1",
	"eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-gov-east-1",
	"us-gov-west-1", "us-west-1", "us-west-2",
	"il-central-1", "me-central-1", "me-south-1", "mx-central-1",
}

// withoutBedrock are the regions of the China partition, which has no Bedrock.
var withoutBedrock = []string{"cn-north-1", "cn-northwest-1"}

type geography struct {
	prefix  string
	regions []string
}

// geographies are the prefixes of cross-region inference profiles, each with
// the beginnings of the regions that may call it. The sets are wide on purpose:
// AWS adds source regions, such as ca-central-1 for "us", and a refusal that is
// wrong is worse than one that comes later.
var geographies = []geography{
	{"us", []string{"us-east-", "us-west-", "ca-"}},
	{"us-gov", []string{"us-gov-"}},
	{"eu", []string{"eu-", "il-"}},
	{"apac", []string{"ap-", "me-"}},
	{"jp", []string{"ap-northeast-1", "ap-northeast-3"}},
	{"au", []string{"ap-southeast-2", "ap-southeast-4", "ap-southeast-6"}},
	{"ca", []string{"ca-"}},
	{"sa", []string{"sa-"}},
	{"amer", []string{"us-east-", "us-west-", "ca-", "sa-", "mx-"}},
	{"global", nil},
}

// apart are the beginnings of regions outside the commercial partition, which
// no global profile reaches.
var apart = []string{"us-gov-", "us-iso", "cn-", "eusc-"}

func isGeography(prefix string) bool {
	return slices.ContainsFunc(geographies, func(g geography) bool { return g.prefix == prefix })
}

// geographyHolds tells whether a profile of the geography can be called from
// the region. An unknown geography holds every region.
func geographyHolds(geography, region string) bool {
	if geography == "global" {
		return !slices.ContainsFunc(apart, func(start string) bool { return strings.HasPrefix(region, start) })
	}
	for _, g := range geographies {
		if g.prefix == geography {
			return slices.ContainsFunc(g.regions, func(start string) bool { return strings.HasPrefix(region, start) })
		}
	}
	return true
}
