package io.tagger.collectors.ecs;

import java.util.Optional;

/**
 * The place of an AWS resource, from the beginning of its ARN: {@code arn:aws:ecs:eu-west-1:123456789012:...}.
 *
 * @param partition {@code aws}, {@code aws-cn}, {@code aws-us-gov} ...
 * @param region the region, for instance {@code eu-west-1}
 * @param account the number of the account
 */
record Arn(String partition, String region, String account) {
    private static final int PARTITION = 1;
    private static final int REGION = 3;
    private static final int ACCOUNT = 4;
    private static final int FIELDS = 6;

    /** Parses an ARN; empty if the text is no ARN, or an identifier of another cloud. */
    static Optional<Arn> of(String text) {
        String[] fields = text.split(":", FIELDS);
        return fields.length == FIELDS && text.startsWith("arn:aws")
                ? Optional.of(new Arn(fields[PARTITION], fields[REGION], fields[ACCOUNT]))
                : Optional.empty();
    }

    /** The ARN of an ECS resource in the same place, for instance {@code cluster/shop}. */
    String ecs(String resource) {
        return "arn:" + partition + ":ecs:" + region + ":" + account + ":" + resource;
    }
}
