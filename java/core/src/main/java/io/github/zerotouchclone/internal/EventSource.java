package io.github.zerotouchclone.internal;

/** A value that writes itself as events; for modules that read other formats. */
@FunctionalInterface
public interface EventSource {
  /** Writes one value. */
  void write(EventSink to);
}
