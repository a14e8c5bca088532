/**
 * Records from and to Jackson's streaming API, in any format that has a parser for it: JSON, CBOR,
 * Smile and others.
 *
 * <p>{@link io.github.zerotouchclone.json.JsonRecords} has all of it. Arguments and results are
 * never {@code null}.
 */
@NullMarked
package io.github.zerotouchclone.json;

import org.jspecify.annotations.NullMarked;
