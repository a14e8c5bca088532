/**
 * Write values into a region file once, map it in any number of workers, and give each worker a
 * private copy of the record that it asks for.
 *
 * <p>{@link io.github.zerotouchclone.RegionWriter} writes a region, {@link
 * io.github.zerotouchclone.Region} opens one, {@link io.github.zerotouchclone.ZeroTouchClone}
 * copies records out of it, and {@link io.github.zerotouchclone.RecordCopy} reads a copy.
 * Everything that goes wrong is a {@link io.github.zerotouchclone.RegionException}. Arguments are
 * never {@code null} and results are never {@code null}, unless a method says so.
 *
 * <p>Indices count from 0, sizes and offsets are bytes.
 */
@NullMarked
package io.github.zerotouchclone;

import org.jspecify.annotations.NullMarked;
