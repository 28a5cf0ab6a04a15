import java.util.*; import java.util.function.*; import java.lang.reflect.*;
/** Prints the properties of java.lang.Character that java.util.regex knows, one a line: key, then ranges in hexadecimal. */
public class Properties {
  static void print(String key, IntPredicate p) {
    StringBuilder b = new StringBuilder(key); int start = -1;
    for (int c = 0; c <= 0x110000; c++) { boolean in = c < 0x110000 && p.test(c);
      if (in && start < 0) start = c;
      if (!in && start >= 0) { b.append(' ').append(Integer.toHexString(start)); if (c - 1 > start) b.append('-').append(Integer.toHexString(c - 1)); start = -1; } }
    System.out.println(b);
  }
  static Map<String,?> map(Class<?> c, String name) throws Exception { Field f = c.getDeclaredField(name); f.setAccessible(true); return new TreeMap<>((Map<String,?>) f.get(null)); }
  /** Reports whether \\X takes all of these code points. */
  static boolean joined(int... points) {
    String s = new String(points, 0, points.length);
    java.util.regex.Matcher m = CLUSTER.matcher(s); return m.lookingAt() && m.end() == s.length();
  }
  static final java.util.regex.Pattern CLUSTER = java.util.regex.Pattern.compile("\\X");
  /** Prints the classes of UAX #29 as java.util.regex sees them, by the code points that each joins. CR, LF, ZWJ and U+1F1E6 to U+1F1FF are themselves. */
  static void printGraphemes() {
    IntPredicate own = c -> c == '\r' || c == '\n' || c == 0x200D || c >= 0x1F1E6 && c <= 0x1F1FF;
    IntPredicate prepend = c -> joined(c, 'a');
    IntPredicate extend = c -> joined(0xA9, c, 0x200D, 0xA9);
    IntPredicate spacing = c -> joined('a', c) && !extend.test(c);
    IntPredicate before = c -> joined(c, 0xAC00) && !prepend.test(c), afterSyllable = c -> joined(0xAC01, c) && !joined('a', c);
    IntPredicate afterOpen = c -> joined(0xAC00, c) && !joined('a', c);
    print("gcb=Control", c -> !own.test(c) && (c >= 0xD800 && c <= 0xDFFF || !joined(c, 0x301)));
    print("gcb=Prepend", c -> !own.test(c) && prepend.test(c));
    print("gcb=Extend", c -> !own.test(c) && extend.test(c));
    print("gcb=SpacingMark", c -> !own.test(c) && spacing.test(c));
    print("gcb=L", before);
    print("gcb=V", c -> afterOpen.test(c) && !afterSyllable.test(c));
    print("gcb=T", afterSyllable);
    print("gcb=LV", c -> joined(c, 0x1160) && !before.test(c) && !prepend.test(c) && !(afterOpen.test(c) && !afterSyllable.test(c)));
    print("gcb=LVT", c -> joined(c, 0x11A8) && !joined(c, 0x1160) && !prepend.test(c) && !afterSyllable.test(c));
    print("incb=Consonant", c -> joined(c, 0x94D, 0x915) && !prepend.test(c));
    print("incb=Linker", c -> joined(0x915, c, 0x915) && !own.test(c));
    print("incb=Extend", c -> joined(0x915, 0x94D, c, 0x915) && !joined(0x915, c, 0x915));
  }
  public static void main(String[] a) throws Exception {
    String[] cats = {"Cn","Lu","Ll","Lt","Lm","Lo","Mn","Me","Mc","Nd","Nl","No",null,"Zs","Zl","Zp","Cc","Cf","Co".substring(0,0),"Co","Cs","Pd","Ps","Pe","Pc","Po","Sm","Sc","Sk","So","Pi","Pf"};
    String[] names = new String[31];
    names[0]="Cn";names[1]="Lu";names[2]="Ll";names[3]="Lt";names[4]="Lm";names[5]="Lo";names[6]="Mn";names[7]="Me";names[8]="Mc";names[9]="Nd";names[10]="Nl";names[11]="No";names[12]="Zs";names[13]="Zl";names[14]="Zp";names[15]="Cc";names[16]="Cf";names[18]="Co";names[19]="Cs";names[20]="Pd";names[21]="Ps";names[22]="Pe";names[23]="Pc";names[24]="Po";names[25]="Sm";names[26]="Sc";names[27]="Sk";names[28]="So";names[29]="Pi";names[30]="Pf";
    for (int i = 0; i < 31; i++) { int t = i; if (names[i] != null) print("gc=" + names[i], c -> Character.getType(c) == t); }
    for (Character.UnicodeScript s : Character.UnicodeScript.values()) print("sc=" + s, c -> Character.UnicodeScript.of(c) == s);
    for (Map.Entry<String,?> e : map(Character.UnicodeScript.class, "aliases").entrySet()) System.out.println("alias sc=" + e.getKey() + "\tsc=" + e.getValue());
    TreeSet<String> blocks = new TreeSet<>();
    for (Map.Entry<String,?> e : map(Character.UnicodeBlock.class, "map").entrySet()) { System.out.println("alias blk=" + e.getKey() + "\tblk=" + e.getValue()); if (blocks.add(e.getValue().toString())) { Object v = e.getValue(); print("blk=" + v, c -> Character.UnicodeBlock.of(c) == v); } }
    for (Method m : Character.class.getMethods()) if (m.getName().startsWith("is") && m.getReturnType() == boolean.class && Modifier.isStatic(m.getModifiers()) && Arrays.equals(m.getParameterTypes(), new Class<?>[]{int.class})) {
      Method f = m; print("is=" + m.getName().substring(2), c -> { try { return (Boolean) f.invoke(null, c); } catch (Exception x) { throw new RuntimeException(x); } }); }
    printGraphemes();
  }
}
