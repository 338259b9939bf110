// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a user of the SDK can name says what it is for. What overrides something has that one's words. */
class JavadocTest {

    private static final Path MAIN = Path.of("src/main/java/io/tidemark/client");

    @Test
    void shouldStandAboveAllThatIsPublic() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(MAIN)) {
            files = all.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !file.startsWith(MAIN.resolve("internal")))
                    .toList();
        }
        assertThat(files).hasSizeGreaterThan(50);
        assertThat(bare(files)).as("public, without Javadoc").isEmpty();
    }

    @Test
    void shouldBeMissedWhereItIsNot(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("Bare.java");
        Files.writeString(file, """
                /** Says. */
                public class Bare {
                    public int count;
                    /** Says. */
                    protected int said;
                    int hidden;
                    public void act() {}
                    @Override public String toString() { return ""; }
                    void hiddenToo() {}
                    public interface Inner { void told(); }
                    /** Says. */
                    public enum Kind { ONE }
                    static class Hidden { public void act() {} }
                }
                """);

        assertThat(bare(List.of(file)))
                .extracting(one -> one.substring(one.lastIndexOf(' ') + 1))
                .containsExactly("count", "act", "Inner", "told", "ONE");
    }

    private static List<String> bare(List<Path> files) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<String> bare = new ArrayList<>();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    null, manager, null, List.of("-proc:none"), null, manager.getJavaFileObjectsFromPaths(files));
            for (CompilationUnitTree unit : task.parse()) {
                new Seeker(DocTrees.instance(task), bare).scan(unit, null);
            }
        }
        return bare;
    }

    /** Looks at what can be named from outside; private and local classes are not gone into. */
    private static final class Seeker extends TreePathScanner<@Nullable Void, @Nullable Void> {

        private final DocTrees docs;
        private final List<String> bare;

        Seeker(DocTrees docs, List<String> bare) {
            this.docs = docs;
            this.bare = bare;
        }

        @Override
        public @Nullable Void visitClass(ClassTree type, @Nullable Void unused) {
            if (!isOpen(type.getModifiers())) {
                return null;
            }
            require(type.getSimpleName().toString());
            return super.visitClass(type, null);
        }

        @Override
        public @Nullable Void visitMethod(MethodTree method, @Nullable Void unused) {
            boolean constructor = method.getReturnType() == null;
            if (isOpen(method.getModifiers()) && !constructor && !overrides(method)) {
                require(method.getName().toString());
            }
            return null;
        }

        @Override
        public @Nullable Void visitVariable(VariableTree field, @Nullable Void unused) {
            boolean component = owner().getKind() == Tree.Kind.RECORD
                    && !field.getModifiers().getFlags().contains(Modifier.STATIC);
            if (!component && isOpen(field.getModifiers()) && !field.getName().contentEquals("serialVersionUID")) {
                require(field.getName().toString());
            }
            return null;
        }

        private boolean isOpen(ModifiersTree modifiers) {
            return modifiers.getFlags().contains(Modifier.PUBLIC)
                    || modifiers.getFlags().contains(Modifier.PROTECTED)
                    || (owner().getKind() == Tree.Kind.INTERFACE
                            && !modifiers.getFlags().contains(Modifier.PRIVATE));
        }

        private static boolean overrides(MethodTree method) {
            return method.getModifiers().getAnnotations().stream()
                    .anyMatch(one -> one.getAnnotationType().toString().equals("Override"));
        }

        private Tree owner() {
            return Objects.requireNonNull(getCurrentPath().getParentPath()).getLeaf();
        }

        private void require(String name) {
            TreePath path = getCurrentPath();
            if (docs.getDocComment(path) == null) {
                String line = path.getCompilationUnit().getSourceFile().getName();
                bare.add(line + ": " + name);
            }
        }
    }
}
