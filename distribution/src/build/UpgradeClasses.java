import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Opcodes;

/**
 * Rewrites a jar with class files of Java 5 for Java 8, with the stack maps that such class files need: a JVM keeps no class
 * of before Java 6 in an archive, and picocli is the largest part of a command's start.
 *
 * <p>Usage: {@code java -cp asm.jar:OLD UpgradeClasses.java OLD NEW}. Two runs give the same bytes.
 */
final class UpgradeClasses {
    private UpgradeClasses() {}

    public static void main(String[] arguments) throws IOException {
        try (ZipFile from = new ZipFile(arguments[0]);
                ZipOutputStream to = new ZipOutputStream(Files.newOutputStream(Path.of(arguments[1])))) {
            for (ZipEntry entry : Collections.list(from.entries())) {
                byte[] bytes = from.getInputStream(entry).readAllBytes();
                boolean isClass = entry.getName().endsWith(".class") && !entry.getName().endsWith("module-info.class");
                ZipEntry copy = new ZipEntry(entry.getName());
                copy.setTime(entry.getTime());
                to.putNextEntry(copy);
                to.write(isClass ? upgraded(bytes) : bytes);
                to.closeEntry();
            }
        }
    }

    private static byte[] upgraded(byte[] bytes) {
        ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_FRAMES);
        ClassVisitor newer = new ClassVisitor(Opcodes.ASM9, writer) {
            @Override
            public void visit(int version, int access, String name, String signature, String parent, String[] others) {
                super.visit(Math.max(version, Opcodes.V1_8), access, name, signature, parent, others);
            }
        };
        new ClassReader(bytes).accept(newer, ClassReader.SKIP_FRAMES);
        return writer.toByteArray();
    }
}
