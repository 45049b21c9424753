// SPDX-License-Identifier: Apache-2.0

// Measures moov-io/iso8583 on the purchase that it is given in hexadecimal: process CPU time, the best of seven rounds,
// one line of JSON each.
package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"syscall"

	"github.com/moov-io/iso8583"
	"github.com/moov-io/iso8583/encoding"
	"github.com/moov-io/iso8583/field"
	"github.com/moov-io/iso8583/prefix"
)

const rounds, calls = 7, 5_000

// ASCII throughout, the bitmap binary, field 55 raw bytes.
func spec() *iso8583.MessageSpec {
	text := func(length int, prefixer prefix.Prefixer) field.Field {
		return field.NewString(&field.Spec{Length: length, Enc: encoding.ASCII, Pref: prefixer})
	}
	binary := func(length int, prefixer prefix.Prefixer) field.Field {
		return field.NewBinary(&field.Spec{Length: length, Enc: encoding.Binary, Pref: prefixer})
	}
	fields := map[int]field.Field{
		1:  field.NewBitmap(&field.Spec{Length: 8, Enc: encoding.Binary, Pref: prefix.Binary.Fixed}),
		2:  text(19, prefix.ASCII.LL),
		32: text(11, prefix.ASCII.LL),
		35: text(37, prefix.ASCII.LL),
		52: binary(8, prefix.ASCII.Fixed),
		55: binary(255, prefix.ASCII.LLL),
		60: text(99, prefix.ASCII.LLL),
		64: binary(8, prefix.ASCII.Fixed),
	}
	for number, length := range map[int]int{
		0: 4, 3: 6, 4: 12, 7: 10, 11: 6, 12: 6, 13: 4, 14: 4, 18: 4, 22: 3, 25: 2, 37: 12, 41: 8, 42: 15, 43: 40, 49: 3,
	} {
		fields[number] = text(length, prefix.ASCII.Fixed)
	}
	return &iso8583.MessageSpec{Name: "benchmark", Fields: fields}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func cpu() float64 {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	seconds := usage.Utime.Sec + usage.Stime.Sec
	return float64(seconds) + float64(usage.Utime.Usec+usage.Stime.Usec)*1e-6
}

func bench(operation string, step func()) {
	best := 1e9
	for round := 0; round < rounds; round++ {
		start := cpu()
		for call := 0; call < calls; call++ {
			step()
		}
		if time := cpu() - start; time < best {
			best = time
		}
	}
	fmt.Printf("{\"peer\":\"moov\",\"operation\":\"%s\",\"nanoseconds\":%.1f}\n", operation, best/calls*1e9)
}

func main() {
	message, err := hex.DecodeString(os.Args[1])
	check(err)
	spec := spec()
	decoded := iso8583.NewMessage(spec)
	check(decoded.Unpack(message))
	texts, binaries := map[int]string{}, map[int][]byte{}
	for number, value := range decoded.GetFields() {
		if number < 2 {
			continue
		}
		if _, isBinary := value.(*field.Binary); isBinary {
			binaries[number], err = value.Bytes()
		} else {
			texts[number], err = value.String()
		}
		check(err)
	}
	encode := func() []byte {
		message := iso8583.NewMessage(spec)
		message.MTI("0200")
		for number, value := range texts {
			check(message.Field(number, value))
		}
		for number, value := range binaries {
			check(message.BinaryField(number, value))
		}
		packed, err := message.Pack()
		check(err)
		return packed
	}
	if len(texts)+len(binaries) != 22 || !bytes.Equal(encode(), message) {
		fmt.Fprintln(os.Stderr, "moov: not the same message")
		os.Exit(1)
	}
	bench("decode", func() { check(iso8583.NewMessage(spec).Unpack(message)) })
	bench("encode", func() { encode() })
}
