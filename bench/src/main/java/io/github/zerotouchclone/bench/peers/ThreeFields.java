package io.github.zerotouchclone.bench.peers;

/**
 * What {@link Work#FIELDS} brings.
 *
 * @param to the recipient's address
 * @param subject the subject
 * @param created milliseconds since 1970-01-01T00:00Z
 */
record ThreeFields(String to, String subject, long created) {}
