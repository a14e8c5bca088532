package io.github.zerotouchclone.internal;

import io.github.zerotouchclone.Field;
import java.lang.reflect.AnnotatedElement;

/** The names that fields have in regions. */
final class FieldNames {
  private FieldNames() {}

  /** Whether an annotation gives a name. */
  static boolean isNamed(AnnotatedElement element) {
    return element.isAnnotationPresent(Field.class);
  }

  /** The name that an annotation of one of the elements gives, or the usual one. */
  static String of(String usual, AnnotatedElement... elements) {
    for (AnnotatedElement element : elements) {
      if (element != null && isNamed(element)) {
        return element.getAnnotation(Field.class).value();
      }
    }
    return usual;
  }
}
