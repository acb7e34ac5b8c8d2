package io.tagger.runtime.plugin;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Handle;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Keeps plugins from ending the process: in the classes of a plugin folder, {@code System.exit}, {@code Runtime.exit}
 * and {@code Runtime.halt} become calls that throw. The JDK has no means for this any more (the security manager is
 * gone since 24).
 *
 * <p>Calls through reflection or native code are not found, and collectors on a plain class path are not changed.
 */
final class ProcessExits {
    private static final String GUARD = Type.getInternalName(NoExit.class);

    /**
     * The names of the methods in the form of class file constants, each with its length. Hardly any class contains
     * one.
     */
    private static final byte[][] NAMES = {constant("exit"), constant("halt")};

    /** The methods that end the process, and their replacements with the same operands on the stack. */
    private static final Map<String, String> REPLACED = Map.of(
            "java/lang/System.exit(I)V", "(I)V",
            "java/lang/Runtime.exit(I)V", "(Ljava/lang/Runtime;I)V",
            "java/lang/Runtime.halt(I)V", "(Ljava/lang/Runtime;I)V");

    private ProcessExits() {}

    /**
     * The code of a class without such calls; the same array if there are none, or if ASM does not know so late a class
     * file version.
     */
    static byte[] refuse(byte[] code) {
        if (Arrays.stream(NAMES).noneMatch(name -> contains(code, name))) {
            return code;
        }
        ClassReader reader;
        try {
            reader = new ClassReader(code);
        } catch (IllegalArgumentException e) {
            return code; // the JVM decides about the class
        }
        ClassWriter writer = new ClassWriter(reader, 0);
        reader.accept(new Classes(writer), 0);
        return writer.toByteArray();
    }

    private static byte[] constant(String text) {
        byte[] bytes = new byte[3 + text.length()];
        bytes[0] = 1; // CONSTANT_Utf8, then two bytes of length
        bytes[2] = (byte) text.length();
        System.arraycopy(text.getBytes(StandardCharsets.US_ASCII), 0, bytes, 3, text.length());
        return bytes;
    }

    private static boolean contains(byte[] code, byte[] part) {
        int last = part.length - 1;
        for (int i = last; i < code.length; i++) {
            if (code[i] == part[last] && Arrays.equals(code, i - last, i + 1, part, 0, part.length)) {
                return true;
            }
        }
        return false;
    }

    private static final class Classes extends ClassVisitor {
        Classes(ClassVisitor next) {
            super(Opcodes.ASM9, next);
        }

        @Override
        public MethodVisitor visitMethod(
                int access, String name, String descriptor, String signature, String[] exceptions) {
            return new Methods(super.visitMethod(access, name, descriptor, signature, exceptions));
        }
    }

    private static final class Methods extends MethodVisitor {
        Methods(MethodVisitor next) {
            super(Opcodes.ASM9, next);
        }

        @Override
        public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
            String replaced = REPLACED.get(owner + "." + name + descriptor);
            if (replaced == null) {
                super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
            } else {
                super.visitMethodInsn(Opcodes.INVOKESTATIC, GUARD, name, replaced, false);
            }
        }

        @Override
        public void visitInvokeDynamicInsn(String name, String descriptor, Handle bootstrap, Object... arguments) {
            Object[] checked = Arrays.stream(arguments)
                    .map(argument -> argument instanceof Handle handle ? checked(handle) : argument)
                    .toArray();
            super.visitInvokeDynamicInsn(name, descriptor, bootstrap, checked);
        }

        private static Handle checked(Handle handle) {
            String replaced = REPLACED.get(handle.getOwner() + "." + handle.getName() + handle.getDesc());
            return replaced == null
                    ? handle
                    : new Handle(Opcodes.H_INVOKESTATIC, GUARD, handle.getName(), replaced, false);
        }
    }
}
