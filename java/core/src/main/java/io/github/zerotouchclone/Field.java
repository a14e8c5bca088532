package io.github.zerotouchclone;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Gives a property of a class another name in a region, both when objects are written and when
 * copies are turned into objects.
 *
 * <pre>{@code
 * record MailJob(@Field("job_id") long id, String to) {}
 * }</pre>
 *
 * <p>Of a record it belongs on the component, or on the accessor where that is written out. Of a
 * class that is not a record, it belongs on the field, the getter or the setter of a property; one
 * of them is enough. A field that is not public and has no getter becomes a property by it.
 *
 * <p>A constant of an enum is always written with its own name. One with this annotation is read by
 * either name, for records that others write, also as the key of a map; two constants of an enum
 * cannot have the same name. Immutable; any thread.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.FIELD, ElementType.METHOD, ElementType.RECORD_COMPONENT})
public @interface Field {
  /**
   * The key of the property's value in the map that is stored; of a constant of an enum the other
   * name.
   */
  String value();
}
