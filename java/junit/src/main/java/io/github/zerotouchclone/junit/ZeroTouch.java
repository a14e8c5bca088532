package io.github.zerotouchclone.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that fails if it un-shares a page of a region.
 *
 * <pre>{@code
 * @ZeroTouch(region = "jobs.ztc")
 * void workers_do_not_write(Region region) {
 *   for (long i = 0; i < region.count(); i++) {
 *     ZeroTouchClone.copy(region, i).toMap();
 *   }
 * }
 * }</pre>
 *
 * <p>The method takes a {@link io.github.zerotouchclone.Region}, opened for this test with {@link
 * io.github.zerotouchclone.RegionOption#AUDIT}: on a private and writable mapping of the file,
 * where a stray write would succeed. The kernel protects its pages and notes each first write, of
 * any thread of this JVM and also of the value that was there before. When the method returns, two
 * witnesses are asked: {@code PAGEMAP_SCAN} for pages that were written, and bit 61 of {@code
 * /proc/self/pagemap} for pages that became this process's own copy, by whatever means. If there is
 * one, the test fails and names the pages and the records in them. The region is closed then.
 *
 * <p>Nothing is believed unproved: before the method runs, a byte of a second mapping of the same
 * kind is silently stored to by native code, and both witnesses must report its page and no other.
 * Otherwise the test fails as unproven. It does so, too, if it closes the region itself.
 *
 * <p>Needs no privilege, but Linux 6.7 and a container that permits {@code userfaultfd}. Where that
 * is missing, the test is aborted with the reason; if the environment variable {@code ZTC_REQUIRE}
 * has {@code scan} in its list (separated by commas), it fails instead.
 *
 * <p>The costs besides the test's own are a few system calls and about 10 bytes of kernel memory a
 * page, and O(records) only when a page was un-shared.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Test
@ExtendWith(ZeroTouchExtension.class)
public @interface ZeroTouch {
  /**
   * The region file, relative to the working directory. Either this or {@link #from} is given.
   *
   * @return the path, empty if {@link #from} says where the region is
   */
  String region() default "";

  /**
   * The name of a method without parameters, or of a field, that gives the region file as a {@link
   * java.nio.file.Path} or {@link String}: of the test class, a superclass or an enclosing class,
   * static or not, whatever its visibility. It is asked once a test, after the {@code BeforeEach}
   * methods; so it may write the region to a {@code TempDir} first.
   *
   * @return the name, empty if {@link #region} says where the region is
   */
  String from() default "";
}
