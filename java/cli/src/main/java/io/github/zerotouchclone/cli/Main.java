package io.github.zerotouchclone.cli;

import io.github.zerotouchclone.NativeLibraryException;
import io.github.zerotouchclone.RegionException;
import io.github.zerotouchclone.ZeroTouchClone;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code ztc} command: picks a subcommand, and turns how it ended into an exit code. */
@Command(
    name = "ztc",
    description = "Builds regions, and looks into them.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:the data is bad",
      "2:the command line is not understood, or asks for what is not there",
      "3:the system failed: a file cannot be opened, the disk is full",
    },
    footer = {"", "'ztc COMMAND --help' says more about one."})
public final class Main implements Runnable {
  private static final String HELP = "help";
  private static final Map<String, Supplier<Object>> COMMANDS = new LinkedHashMap<>();

  static {
    COMMANDS.put("build", BuildCommand::new);
    COMMANDS.put("get", GetCommand::new);
    COMMANDS.put("cat", CatCommand::new);
    COMMANDS.put("head", HeadCommand::new);
    COMMANDS.put("sample", SampleCommand::new);
    COMMANDS.put("info", InfoCommand::new);
    COMMANDS.put("verify", VerifyCommand::new);
    COMMANDS.put("diff", DiffCommand::new);
    COMMANDS.put("top", TopCommand::new);
    COMMANDS.put("pagediff", PagediffCommand::new);
    COMMANDS.put(HELP, CommandLine.HelpCommand::new);
  }

  /** What Java makes of an argument's bytes that are no character in the locale. */
  private static final char UNKNOWN = '\ufffd';

  private static final Pattern COUNT = Pattern.compile("^-(\\d+)$");

  private static final Collector<CharSequence, ?, String> LINES =
      Collectors.joining(System.lineSeparator());

  private static final String LOCALE_CHARACTERS = System.getProperty("sun.jnu.encoding", "UTF-8");

  @Spec private CommandSpec spec;

  private Main() {}

  /**
   * Runs a command and ends the process.
   *
   * @param args as {@code ztc --help} describes them
   */
  public static void main(String[] args) {
    Locale.setDefault(Locale.ROOT); // numbers are printed the same everywhere
    System.exit(run(args));
  }

  /** The exit code of a command, which prints to standard output and error. */
  static int run(String... args) {
    CommandLine line = new CommandLine(new Main());
    // The annotations of a command take long to read, so only those that are needed are.
    String first = args.length == 0 ? "" : args[0];
    boolean all = !COMMANDS.containsKey(first) || first.equals(HELP);
    COMMANDS.forEach(
        (name, command) -> {
          if (all || name.equals(first)) {
            line.addSubcommand(command.get());
          }
        });
    if (first.equals("pagediff")) {
      // All that follows is the harness' own.
      line.getSubcommands()
          .get(first)
          .setUnmatchedOptionsArePositionalParams(true)
          .setEndOfOptionsDelimiter("\0");
    }
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExpandAtFiles(false); // a key may begin with an @, as may a file's name
    line.setExecutionExceptionHandler((e, command, parsed) -> report(e, command));
    line.setParameterExceptionHandler((e, arguments) -> misused(e));
    for (String argument : args) {
      if (argument.indexOf(UNKNOWN) >= 0 && !LOCALE_CHARACTERS.equals("UTF-8")) {
        return say(line.getErr(), notOfTheLocale(argument));
      }
    }
    try {
      return line.execute(first.equals("head") ? withCount(args) : args);
    } catch (StackOverflowError | OutOfMemoryError e) {
      return say(line.getErr(), Failure.of(null, e));
    }
  }

  /** The arguments of {@code head}, in which {@code -3} stands for {@code -n 3} as elsewhere. */
  private static String[] withCount(String... args) {
    String[] all = args.clone();
    for (int i = 1; i < all.length && !all[i].equals("--"); i++) {
      if (all[i].equals("-n") || all[i].equals("--count")) {
        i++; // what follows is the option's own
      } else {
        all[i] = COUNT.matcher(all[i]).replaceFirst("--count=$1");
      }
    }
    return all;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }

  private static int report(Exception e, CommandLine command) throws Exception {
    PrintWriter err = command.getErr();
    if (e instanceof ReaderGone) {
      return ExitCode.DONE;
    }
    if (e instanceof NativeLibraryException) {
      // It has a line for each place that was looked at.
      err.println("ztc: " + e.getMessage().lines().map(Text::printable).collect(LINES));
      err.flush();
      return ExitCode.SYSTEM;
    }
    if (e instanceof RegionException region) {
      return say(err, Failure.of(region));
    }
    if (e instanceof Failure failure) {
      return say(err, failure);
    }
    err.println("ztc: an error in ztc itself; please report it with what follows");
    e.printStackTrace(err);
    err.flush();
    return ExitCode.SYSTEM;
  }

  private static int say(PrintWriter err, Failure failure) {
    err.println("ztc: " + Text.printable(failure.getMessage()));
    err.flush();
    return failure.exitCode();
  }

  private static Failure notOfTheLocale(String argument) {
    return Failure.usage(
        "the argument "
            + argument.replace(UNKNOWN, '?')
            + " has characters that this locale ("
            + LOCALE_CHARACTERS
            + ") does not know; LC_ALL=C.UTF-8 knows all");
  }

  private static int misused(ParameterException e) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("ztc: " + Text.printable(e.getMessage()));
    if (!isNearAnother(e) || !CommandLine.UnmatchedArgumentException.printSuggestions(e, err)) {
      if (command.getParent() == null) {
        command.usage(err, command.getColorScheme());
      } else {
        // The whole help would push what is wrong out of sight.
        CommandLine.Help help = command.getHelp();
        err.print(help.synopsisHeading() + help.synopsis(help.synopsisHeadingLength()));
        err.println("'" + command.getCommandSpec().qualifiedName() + " --help' says more.");
      }
    }
    err.flush();
    return ExitCode.USAGE;
  }

  /** Whether an unknown word has a look-alike: the parser knows some for every word. */
  private static boolean isNearAnother(ParameterException e) {
    return e instanceof CommandLine.UnmatchedArgumentException unmatched
        && unmatched.getSuggestions().stream()
            .anyMatch(each -> alike(each) == alike(unmatched.getUnmatched().get(0)));
  }

  private static int alike(String word) {
    String letters = word.replace("-", "");
    return letters.isEmpty() ? '-' : Character.toLowerCase(letters.charAt(0));
  }

  /** What {@code --version} prints. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"ztc " + commandLine(), "library " + ZeroTouchClone.nativeLibrary()};
    }

    static String commandLine() {
      String version = Main.class.getPackage().getImplementationVersion();
      return version == null ? "(unknown version)" : version;
    }
  }
}
