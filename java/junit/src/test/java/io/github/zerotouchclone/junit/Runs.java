package io.github.zerotouchclone.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import io.github.zerotouchclone.Region;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.testkit.engine.EngineTestKit;

/** Runs one test method with JUnit, and says how it ended. */
final class Runs {
  private Runs() {}

  static TestExecutionResult run(Class<?> type, String method, Class<?>... parameters) {
    StringBuilder types = new StringBuilder();
    for (Class<?> parameter : parameters) {
      types.append(types.length() == 0 ? "" : ",").append(parameter.getName());
    }
    return EngineTestKit.engine("junit-jupiter")
        .selectors(selectMethod(type, method, types.toString()))
        .execute()
        .testEvents()
        .finished()
        .list()
        .get(0)
        .getRequiredPayload(TestExecutionResult.class);
  }

  static void passes(Class<?> type, String method) {
    TestExecutionResult result = run(type, method, Region.class);
    assertEquals(Status.SUCCESSFUL, result.getStatus(), result.toString());
  }

  /** The exception of a test that takes a region. */
  static Throwable fails(Class<?> type, String method) {
    return ends(Status.FAILED, run(type, method, Region.class));
  }

  /** The exception of a test that takes a region, and is not run to its end. */
  static Throwable aborts(Class<?> type, String method) {
    return ends(Status.ABORTED, run(type, method, Region.class));
  }

  static Throwable ends(Status status, TestExecutionResult result) {
    assertEquals(status, result.getStatus(), result.toString());
    return result.getThrowable().orElseThrow();
  }
}
