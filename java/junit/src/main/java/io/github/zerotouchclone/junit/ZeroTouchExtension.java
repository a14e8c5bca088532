package io.github.zerotouchclone.junit;

import io.github.zerotouchclone.Region;
import io.github.zerotouchclone.junit.internal.Audit;
import io.github.zerotouchclone.junit.internal.NativePageWatch;
import io.github.zerotouchclone.junit.internal.PageWatch;
import io.github.zerotouchclone.junit.internal.RegionFile;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

/**
 * Runs the tests that have {@link ZeroTouch}, which registers it; there is nothing here to call.
 * Tests may run in parallel: each has a mapping of its own, and any thread may run one.
 */
public final class ZeroTouchExtension
    implements BeforeTestExecutionCallback, AfterTestExecutionCallback, ParameterResolver {
  private static final Namespace NAMESPACE = Namespace.create(ZeroTouchExtension.class);
  private static final String REQUIRE = "ZTC_REQUIRE";

  private final Supplier<PageWatch> watches;
  private final UnaryOperator<String> environment;

  /** For JUnit. */
  public ZeroTouchExtension() {
    this(NativePageWatch::new, System::getenv);
  }

  /** For tests: another kernel, another environment. */
  ZeroTouchExtension(Supplier<PageWatch> watches, UnaryOperator<String> environment) {
    this.watches = watches;
    this.environment = environment;
  }

  /** Opens the region, proves the witnesses, and starts to watch. */
  @Override
  public void beforeTestExecution(ExtensionContext context) {
    Method test = context.getRequiredTestMethod();
    if (!List.of(test.getParameterTypes()).contains(Region.class)) {
      throw new ExtensionConfigurationException(
          "A @ZeroTouch test needs a parameter of type Region, as no other mapping is watched: "
              + test);
    }
    ZeroTouch annotation =
        AnnotationSupport.findAnnotation(test, ZeroTouch.class)
            .orElseThrow(() -> new ExtensionConfigurationException("No @ZeroTouch at " + test));
    PageWatch watch = watches.get();
    String problem = watch.unavailable();
    if (problem != null) {
      throw unavailable(problem);
    }
    Path file =
        RegionFile.find(annotation.region(), annotation.from(), context.getRequiredTestInstances());
    Audit audit = Audit.open(file, watch);
    store(context).put(Audit.class, audit);
    audit.proveAndArm();
  }

  private RuntimeException unavailable(String problem) {
    String message = "not available here, because " + problem;
    String required = environment.apply(REQUIRE);
    if (required != null && List.of(required.split("\\s*,\\s*")).contains("scan")) {
      throw new AssertionFailedError(message + " (" + REQUIRE + " has scan, so this is a failure)");
    }
    return new TestAbortedException(message);
  }

  /** Fails the test if a page is not shared any more. */
  @Override
  public void afterTestExecution(ExtensionContext context) {
    try (Audit audit = store(context).remove(Audit.class, Audit.class)) {
      if (audit != null && audit.isArmed()) {
        audit.verify();
      }
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Region.class
        && context.getTestMethod().filter(parameter.getDeclaringExecutable()::equals).isPresent();
  }

  @Override
  public Region resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return store(context).get(Audit.class, Audit.class).region();
  }

  private static ExtensionContext.Store store(ExtensionContext context) {
    return context.getStore(NAMESPACE);
  }
}
