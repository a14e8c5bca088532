package io.github.zerotouchclone;

import io.github.zerotouchclone.internal.Image;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;

/** Getters and field handles over a copy of any bytes; what a fuzzing engine drives, too. */
public final class LazyTarget {
  private static final int MAX_VIEWS = 30;
  private static final int MAX_VALUES = 20; // of a view

  private static final List<Reader> READERS =
      List.of(
          new Reader(RecordCopy::getString, RecordCopy::getString, FieldHandle::getString),
          new Reader(RecordCopy::getInt, RecordCopy::getInt, FieldHandle::getInt),
          new Reader(RecordCopy::getLong, RecordCopy::getLong, FieldHandle::getLong),
          new Reader(RecordCopy::getDouble, RecordCopy::getDouble, FieldHandle::getDouble),
          new Reader(RecordCopy::getFloat, RecordCopy::getFloat, FieldHandle::getFloat),
          new Reader(RecordCopy::getBoolean, RecordCopy::getBoolean, FieldHandle::getBoolean),
          new Reader(RecordCopy::getBytes, RecordCopy::getBytes, FieldHandle::getBytes),
          new Reader(RecordCopy::getList, RecordCopy::getList, FieldHandle::getList),
          new Reader(RecordCopy::getMap, RecordCopy::getMap, FieldHandle::getMap),
          new Reader(RecordCopy::getIntArray, RecordCopy::getIntArray, FieldHandle::getIntArray),
          new Reader(RecordCopy::getBuffer, RecordCopy::getBuffer, FieldHandle::getBuffer),
          new Reader(RecordCopy::type, RecordCopy::type, FieldHandle::type),
          new Reader(RecordCopy::get, RecordCopy::get, FieldHandle::get));

  private interface ByKey {
    Object read(RecordCopy copy, String key);
  }

  private interface ByIndex {
    Object read(RecordCopy copy, int index);
  }

  private interface ByHandle {
    Object read(FieldHandle handle, RecordCopy copy);
  }

  private record Reader(ByKey byKey, ByIndex byIndex, ByHandle byHandle) {}

  private LazyTarget() {}

  /**
   * Reads what the first views of a copy hold, in all ways.
   *
   * @param attempt runs a read, and decides what may come of it
   */
  public static void run(Image image, Consumer<Runnable> attempt) {
    RecordCopy root = RecordCopy.of(image.bytes(), image.origin(), image.record());
    Queue<RecordCopy> views = new ArrayDeque<>(List.of(root));
    for (int i = 0; i < MAX_VIEWS && !views.isEmpty(); i++) {
      RecordCopy view = views.remove();
      attempt.accept(() -> read(root, view, views, attempt));
    }
    attempt.accept(root::toCompactMap);
  }

  private static void read(
      RecordCopy root, RecordCopy view, Queue<RecordCopy> views, Consumer<Runnable> attempt) {
    if (view != root) {
      FieldHandle handle = new FieldHandle(view.path());
      READERS.forEach(reader -> attempt.accept(() -> reader.byHandle.read(handle, root)));
    }
    if (view.type() == ValueType.MAP) {
      for (String key : view.keys().stream().limit(MAX_VALUES).toList()) {
        READERS.forEach(reader -> attempt.accept(() -> reader.byKey.read(view, key)));
        attempt.accept(() -> enter(view.getRecord(key), views));
      }
    } else {
      int size = Math.min(view.size(), MAX_VALUES);
      for (int i = 0; i < size; i++) {
        int index = i;
        READERS.forEach(reader -> attempt.accept(() -> reader.byIndex.read(view, index)));
        attempt.accept(() -> enter(view.getRecord(index), views));
      }
    }
  }

  private static void enter(RecordCopy view, Queue<RecordCopy> views) {
    if (view != null) {
      views.add(view);
    }
  }
}
