package main

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"

	"github.com/alecthomas/kong"
)

// readArguments has kong read texts, numbers and switches by us. Kong sends a text through JSON, which replaces
// what is no UTF-8, as the arguments of `exec` may be; and what it says of the others is about types of Go.
func readArguments() []kong.Option {
	return []kong.Option{
		kong.KindMapper(reflect.String, mapperOf(func(text string, target reflect.Value) error {
			target.SetString(text)
			return nil
		})),
		kong.KindMapper(reflect.Int, mapperOf(func(text string, target reflect.Value) error {
			n, err := strconv.ParseInt(text, 10, strconv.IntSize)
			if err != nil {
				return fmt.Errorf("%q is not a whole number", text)
			}
			target.SetInt(n)
			return nil
		})),
		kong.KindMapper(reflect.Float64, mapperOf(func(text string, target reflect.Value) error {
			f, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return fmt.Errorf("%q is not a number", text)
			}
			target.SetFloat(f)
			return nil
		})),
		kong.KindMapper(reflect.Bool, switchMapper{}),
	}
}

// mapperOf makes a mapper of what reads the text of a value.
func mapperOf(read func(text string, target reflect.Value) error) kong.Mapper {
	return kong.MapperFunc(func(ctx *kong.DecodeContext, target reflect.Value) error {
		token, err := ctx.Scan.PopValue("")
		switch {
		case err == nil:
			return read(fmt.Sprint(token.Value), target)
		case token.IsEOL():
			return errors.New("a value is missing")
		}
		return fmt.Errorf("%s looks like a flag; to give it as a value: --%s=%s", token, ctx.Value.Name, token)
	})
}

// switchMapper reads a flag that needs no value.
type switchMapper struct{}

func (switchMapper) IsBool() bool { return true }

func (switchMapper) Decode(ctx *kong.DecodeContext, target reflect.Value) error {
	if ctx.Scan.Peek().Type != kong.FlagValueToken {
		target.SetBool(true)
		return nil
	}
	text := fmt.Sprint(ctx.Scan.Pop().Value)
	on, ok := parseSwitch(text)
	if !ok {
		return fmt.Errorf("%q is neither yes nor no", text)
	}
	target.SetBool(on.(bool))
	return nil
}
