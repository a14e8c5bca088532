package io.github.zerotouchclone.bench.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.zerotouchclone.RecordCopy;
import io.github.zerotouchclone.bench.measure.Measurement;
import io.github.zerotouchclone.bench.report.Goal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The processes that measure do what they are told, at the smallest size. */
class SuiteTest {

  @TempDir Path folder;

  private Run run;
  private Jdk jdk;

  @BeforeEach
  void set_up_the_smallest_run() throws IOException {
    jdk = Jdk.at(Path.of(System.getProperty("java.home")));
    Path nativeLib = Path.of(System.getProperty("ztc.native.lib"));
    run =
        new Run(
            Size.TINY,
            List.of(jdk),
            new Run.Setting(
                Path.of("").toAbsolutePath().getParent(),
                folder,
                folder,
                Path.of(System.getProperty("ztc.native.bin")),
                nativeLib,
                Path.of("jvm-options").toAbsolutePath(),
                Path.of("../native/bench/callgrind-gate").toAbsolutePath(),
                System.getProperty("java.class.path")));
  }

  @Test
  void a_pair_is_measured_in_a_process_of_its_own() throws IOException {
    new Pairs(run, "peers")
        .measure(jdk, "peers/tree/mapped+jsonb", "ztc/tree", "mapped+jsonb/tree", 0);

    Measurement measurement = run.measurements().get(0);
    assertEquals(Size.TINY.rounds(), measurement.rounds());
    assertEquals(jdk.feature(), measurement.jdk());
    assertTrue(measurement.low() <= measurement.estimate());
    assertTrue(measurement.estimate() <= measurement.high());
    String mapped = run.mapped().get("peers");
    assertTrue(mapped.contains("mail-" + Size.TINY.records() + ".ztc "), mapped);
    assertTrue(mapped.contains("/values "), mapped);
  }

  @Test
  void tasks_of_java_and_of_c_run_over_any_part_of_the_order() throws IOException {
    Tasks tasks = new Tasks(run.files(), 8);
    for (String name :
        List.of(
            "ztc/reused",
            "ztc/copy-all-64",
            "ztc/hinted-8",
            "ztc/hinted-many-16",
            "c/prefetched-64",
            "c/empty-call-and-copy")) {
      // Across the end of the order.
      tasks.open(name).run(Size.TINY.records() - 5, 2 * 64);

      assertTrue(name.startsWith("c/") || tasks.last() instanceof RecordCopy, name);
    }
  }

  @Test
  void batches_of_objects_run_over_any_part_of_the_order() throws IOException {
    Tasks tasks = new Tasks(run.files(), 8);
    for (String name : List.of("ztc/record/batch-64", "mapped+fory/record/batch-64")) {
      tasks.open(name).run(Size.TINY.records() - 5, 2 * 64);

      Object[] made = (Object[]) tasks.last();
      assertEquals(64, made.length, name);
      // Eight records, over and over: the first of the second batch is the one 64 places on.
      int first =
          Tasks.order(Size.TINY.records(), 8)[(Size.TINY.records() - 5 + 64) % Size.TINY.records()];
      assertEquals(run.files().jobs().job(first), made[0], name);
    }
  }

  @Test
  void a_scan_sees_as_many_bytes_in_java_as_in_c() throws IOException {
    Tasks tasks = new Tasks(run.files(), 0);
    tasks.open("ztc/scan").run(0, Size.TINY.records());
    long ours = ((long[]) tasks.last())[0];
    tasks.open("ztc/stream-scan").run(0, Size.TINY.records());
    long streamed = ((long[]) tasks.last())[0];
    tasks.open("c/scan").run(0, Size.TINY.records());

    assertEquals(tasks.last(), ours);
    assertEquals(ours, streamed);
    assertTrue(ours > 0);
  }

  @Test
  void a_pair_of_scans_is_measured_by_whole_regions() throws IOException {
    new Pairs(run, "copies").measure(jdk, "copies/scan/memcpy", "ztc/scan", "c/scan", 0);

    assertEquals(Size.TINY.rounds(), run.measurements().get(0).rounds());
  }

  @Test
  void values_are_measured_with_what_they_allocate() throws IOException {
    ValuesSuite.values(run, jdk, 2, List.of("-p", "task=ztc/tree,mapped+fory/record"));

    List<String> ids = run.measurements().stream().map(Measurement::id).toList();
    for (String way :
        List.of("ztc-tree", "mapped+fory-record", "ztc-copyAll", "ztc-copyAllToRecords")) {
      String id = "values/" + way + "/" + Size.TINY.records() + "/t2";
      assertTrue(ids.contains(id) && ids.contains(id + "/alloc"), id + " in " + ids);
    }
  }

  /** Or what the compiler knows of one would be what it knows of the other. */
  @Test
  void no_two_tasks_share_their_loop() throws IOException {
    Tasks tasks = new Tasks(run.files(), 8);
    Set<Class<?>> loops = new HashSet<>();
    List<String> names =
        List.of("ztc/reused", "mapped-get/bytes", "ztc/copy-all-64", "ztc/copy-all-16");
    for (String name : names) {
      loops.add(tasks.open(name).getClass());
    }

    assertEquals(names.size(), loops.size(), loops.toString());
  }

  @Test
  void worker_jvms_answer_and_their_memory_is_read() throws Exception {
    List<String> command =
        run.java(
            jdk,
            List.of("-Xmx64m"),
            WorkerMain.class.getName(),
            List.of("ztc", "tree", folder.toString(), "500"));

    try (Fleet fleet = new Fleet(run, command, 2)) {
      assertEquals(2, fleet.memory().size());
      for (Fleet.Memory memory : fleet.memory()) {
        assertTrue(memory.privateKb() > 0 && memory.privateKb() <= memory.pssKb());
      }
      assertTrue(fleet.rate(1) > 0);
      assertEquals(2, fleet.firstRecordMillis().length);
    }
  }

  @ParameterizedTest
  @EnumSource(BuildMain.Source.class)
  void a_region_is_built_and_removed_by_a_process(BuildMain.Source source) {
    Path region = folder.resolve("build.ztc");
    List<String> lines =
        run.lines(
            run.java(
                jdk,
                List.of(),
                BuildMain.class.getName(),
                List.of(source.id(), region.toString(), "2500", "2", "memory")));

    assertEquals(2, lines.stream().filter(line -> line.startsWith("build ")).count());
    assertFalse(region.toFile().exists());
  }

  /** What the C suite calls its tables is what the goals refer to. */
  @Test
  void every_goal_of_the_c_library_has_a_line_of_its_suite() throws IOException {
    new NativeSuite().run(run);

    for (String figure :
        List.of(
            "native/single-copy-of-a-closed-record/sequential-far-600-b/.*",
            "native/batch-random-far/64-of-mix/.*")) {
      assertTrue(run.measurements().stream().anyMatch(m -> m.id().matches(figure)), figure);
    }

    for (Goal goal : Goal.all()) {
      for (Goal.Check check : goal.checks()) {
        if (check.measurements().get(0).startsWith("native/")) {
          assertTrue(
              run.measurements().stream().anyMatch(check::concerns),
              goal.work() + ": " + check.what());
        }
      }
    }
  }

  @Test
  void every_figure_of_the_prototype_is_held_against_a_pair() {
    Set<String> judged = new HashSet<>();
    for (Goal goal : Goal.all()) {
      for (Goal.Check check : goal.checks()) {
        String figure = check.measurements().get(0).replace("\\", "");
        if (figure.startsWith("floor/")) {
          judged.add(figure);
        }
      }
    }
    Set<String> measured = new HashSet<>();
    for (String task : PeerSuite.PROTOTYPES) {
      String[] parts = task.split("/");
      measured.add("floor/" + parts[1] + "/" + parts[0]);
    }

    assertEquals(judged, measured);
  }

  @Test
  void commands_do_not_tell_where_things_are_on_this_machine() {
    run.note(run.java(jdk, List.of(), "Main", List.of(folder.toString())));

    String command = String.join(" ", run.commands().get(0));
    assertTrue(command.startsWith("$JDK" + jdk.feature() + "/bin/java @bench/jvm-options"));
    assertTrue(command.endsWith("-classpath $CLASSPATH Main $DATA"), command);
  }
}
