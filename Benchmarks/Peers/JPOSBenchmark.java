// SPDX-License-Identifier: Apache-2.0
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import org.jpos.iso.IFA_LLLBINARY;
import org.jpos.iso.IFA_LLLCHAR;
import org.jpos.iso.IFA_LLNUM;
import org.jpos.iso.IFA_NUMERIC;
import org.jpos.iso.IFB_BINARY;
import org.jpos.iso.IFB_BITMAP;
import org.jpos.iso.IF_CHAR;
import org.jpos.iso.ISOBasePackager;
import org.jpos.iso.ISOFieldPackager;
import org.jpos.iso.ISOMsg;
import org.jpos.iso.ISOUtil;

/**
 * Measures jPOS on the purchase that it is given in hexadecimal: CPU time of the one thread, so that neither compiling
 * nor collecting is counted, the best of fifteen rounds, one line of JSON each.
 */
public final class JPOSBenchmark {
    private static final int ROUNDS = 15;
    private static final int CALLS = 20_000;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static int sink;

    /** ASCII throughout, the bitmap binary, field 55 raw bytes. */
    private static final class Purchase extends ISOBasePackager {
        Purchase() {
            ISOFieldPackager[] fields = new ISOFieldPackager[65];
            int[][] digits = {
                {0, 4}, {3, 6}, {4, 12}, {7, 10}, {11, 6}, {12, 6}, {13, 4}, {14, 4}, {18, 4}, {22, 3}, {25, 2}, {49, 3},
            };
            for (int[] field : digits) fields[field[0]] = new IFA_NUMERIC(field[1], "");
            int[][] characters = {{37, 12}, {41, 8}, {42, 15}, {43, 40}};
            for (int[] field : characters) fields[field[0]] = new IF_CHAR(field[1], "");
            fields[1] = new IFB_BITMAP(8, "");
            fields[2] = new IFA_LLNUM(19, "");
            fields[32] = new IFA_LLNUM(11, "");
            fields[35] = new IFA_LLNUM(37, "");
            fields[52] = new IFB_BINARY(8, "");
            fields[55] = new IFA_LLLBINARY(255, "");
            fields[60] = new IFA_LLLCHAR(99, "");
            fields[64] = new IFB_BINARY(8, "");
            setFieldPackager(fields);
        }
    }

    private interface Step {
        int run() throws Exception;
    }

    private static void bench(String operation, Step step) throws Exception {
        double best = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long start = THREADS.getCurrentThreadCpuTime();
            for (int call = 0; call < CALLS; call++) sink ^= step.run();
            best = Math.min(best, THREADS.getCurrentThreadCpuTime() - start);
        }
        System.out.printf(
            "{\"peer\":\"jpos\",\"operation\":\"%s\",\"nanoseconds\":%.1f}%n", operation, best / CALLS);
    }

    private static ISOMsg decode(Purchase packager, byte[] bytes) throws Exception {
        ISOMsg message = new ISOMsg();
        message.setPackager(packager);
        message.unpack(bytes);
        return message;
    }

    private static byte[] encode(Purchase packager, Object[] values) throws Exception {
        ISOMsg message = new ISOMsg();
        message.setPackager(packager);
        for (int field = 0; field < values.length; field++) {
            if (values[field] instanceof byte[]) {
                message.set(field, (byte[]) values[field]);
            } else if (values[field] != null) {
                message.set(field, (String) values[field]);
            }
        }
        return message.pack();
    }

    public static void main(String[] arguments) throws Exception {
        byte[] bytes = ISOUtil.hex2byte(arguments[0]);
        Purchase packager = new Purchase();
        ISOMsg decoded = decode(packager, bytes);
        Object[] values = new Object[65];
        int count = 0;
        for (int field = 0; field < values.length; field++) {
            if (field == 1 || !decoded.hasField(field)) continue;
            values[field] = decoded.getValue(field);
            if (field > 0) count++;
        }
        if (count != 22 || !Arrays.equals(encode(packager, values), bytes)) {
            throw new IllegalStateException("jPOS: not the same message");
        }
        bench("decode", () -> decode(packager, bytes).getMaxField());
        bench("encode", () -> encode(packager, values).length);
        if (sink == 0x5EED) System.out.println("{}");
    }
}
