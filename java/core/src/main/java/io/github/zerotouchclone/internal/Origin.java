package io.github.zerotouchclone.internal;

/**
 * What all copies from one region share. Immutable; any thread, however it got hold of this.
 *
 * @param schema the keys and shapes of the region; null only in {@link #NOWHERE}
 * @param region the region's path, for messages; null only in {@link #NOWHERE}
 */
public record Origin(Schema schema, String region) {
  /** Of an image that holds nothing yet. */
  public static final Origin NOWHERE = new Origin(null, null);
}
