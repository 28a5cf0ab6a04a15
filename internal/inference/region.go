// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"regexp"
	"slices"
	"strings"
)

var regionForm = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+){1,2}-[0-9]{1,2}$`)

// bedrockRegions are the regions with Bedrock Runtime, by the sources that
// testdata/bedrock-models.json names. The last four are not confirmed there.
var bedrockRegions = []string{
	"af-south-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2",
	"ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6",
	"ap-southeast-7", "ca-central-1", "ca-west-1", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1",
	"eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-gov-east-1",
	"us-gov-west-1", "us-west-1", "us-west-2",
	"il-central-1", "me-central-1", "me-south-1", "mx-central-1",
}

// withoutBedrock are the regions of the China partition, which does not offer
// Bedrock.
var withoutBedrock = []string{"cn-north-1", "cn-northwest-1"}

type geography struct {
	prefix  string
	regions []string
}

// geographies are the prefixes of cross-region inference profiles, each with the
// prefixes of the regions that may call it. The sets are wide on purpose: AWS adds
// source regions, such as ca-central-1 for "us", and an error that is wrong is
// worse than one that Bedrock reports later.
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

// noGlobalProfiles are the prefixes of regions outside the commercial partition,
// from which no global profile can be called.
var noGlobalProfiles = []string{"us-gov-", "us-iso", "cn-", "eusc-"}

var geographyForm = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)?$`)

// isGeography reports whether prefix is the geography of an inference profile of
// the model rest: a known one, or one that has the form of a geography and is
// followed by a complete model id. AWS adds geographies, such as "in".
func isGeography(prefix, rest string) bool {
	vendor, _, ok := strings.Cut(rest, ".")
	return ok && (isKnownGeography(prefix) || geographyForm.MatchString(prefix) ||
		isKnownVendor(vendor) && !isKnownVendor(prefix))
}

func isKnownGeography(prefix string) bool {
	return slices.ContainsFunc(geographies, func(g geography) bool { return g.prefix == prefix })
}

func isKnownVendor(vendor string) bool {
	return slices.ContainsFunc(knownModels, func(k knownModel) bool { return strings.HasPrefix(k.id, vendor+".") })
}

// geographyHolds reports whether a profile of the geography can be called from
// the region. An unknown geography can be called from every region.
func geographyHolds(geography, region string) bool {
	if geography == "global" {
		return !slices.ContainsFunc(noGlobalProfiles, func(prefix string) bool { return strings.HasPrefix(region, prefix) })
	}
	for _, g := range geographies {
		if g.prefix == geography {
			return slices.ContainsFunc(g.regions, func(prefix string) bool { return strings.HasPrefix(region, prefix) })
		}
	}
	return true
}

// partitionOf returns the partition of a region, as ARNs name it.
func partitionOf(region string) string {
	switch {
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "eusc-"):
		return "aws-eusc"
	case strings.HasPrefix(region, "us-iso"):
		return "" // several
	}
	return "aws"
}
