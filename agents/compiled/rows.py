"""Rows as persons: inside a pass ``citizens(table, around, s, p)[i]`` has the attributes and decisions of an agent.

    people, columns = citizens(columns, around, s, p), table_at(columns)
    for i in range(start, stop):
        columns.activity[i] = people[i].choose().activity

`columns` and `around` come as addresses (`sim.world.addresses`). A compiled person is two words, the place of the
arrays in the frame of the pass and the number of the row. A cell is read, and widened to 64 bits, where it is named;
nothing is copied, and nobody counts who holds an array. The same functions work in plain Python
(``NUMBA_DISABLE_JIT=1``).
"""

import functools
import operator
from collections.abc import Callable
from types import ModuleType
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.imputils import lower_getattr
from numba.core.typing.templates import AbstractTemplate, AttributeTemplate, infer_getattr, infer_global, signature
from numba.extending import (
    lower_builtin,
    lower_getattr_generic,
    models,
    overload,
    register_model,
    type_callable,
)
from numba.np.arrayobj import make_array

from agents.compiled.decision import GIVEN, add_decisions, decisions_of
from agents.compiled.ingredients import ASKED
from agents.compiled.rule import MET_ONLY

# --- plain Python ---


class Row:
    """One row: its cells are attributes; subclasses have the decisions of their kind of people."""

    def __init__(self, table: Any, around: Any, s: Any, p: Any, row: int) -> None:
        self.table, self.around, self.signals, self.p, self.row = table, around, s, p, row

    def __getattr__(self, name: str) -> Any:
        if name == "person" and not hasattr(self.table, "person"):
            return self.signals.person0 + self.row
        return getattr(self.table, name).item(self.row)


class Rows:
    """All rows of a table as persons."""

    def __init__(self, kind: type[Row], table: Any, around: Any, s: Any, p: Any) -> None:
        self.kind, self.given = kind, (table, around, s, p)

    def __getitem__(self, row: int) -> Row:
        return self.kind(*self.given, row)


# --- for the compiler ---


class RowsType(types.Type):
    """Where the arrays of a table, of what lies around, the signals and the parameters stand in the pass's frame."""

    def __init__(self, kind: str, table: types.Type, around: types.Type, s: types.Type, p: types.Type):
        self.kind, self.parts = kind, (table, around, s, p)
        self.names = {"table": tuple(arrays_at(table)), "around": tuple(arrays_at(around))}
        self.arrays = (*arrays_at(table).values(), *arrays_at(around).values())
        super().__init__(kind)  # a short name: it becomes part of the name of all that is compiled

    @property
    def key(self) -> tuple:
        """What tells one type from another."""
        return self.kind, self.parts

    def place(self, part: str, name: str) -> int:
        """Return the number of an array in the frame."""
        return self.names[part].index(name) + (len(self.names["table"]) if part == "around" else 0)

    @property
    def stored(self) -> tuple[types.Type, ...]:
        """What stands in the frame: the arrays, signals, parameters."""
        return (*self.arrays, *self.parts[2:])


class RowType(types.Type):
    """A person: the rows, and the number of one."""

    def __init__(self, rows: RowsType):
        self.rows = rows
        super().__init__(f"person of {rows}")

    @property
    def key(self) -> tuple:
        """What tells one type from another."""
        return (self.rows.key,)


class PartType(types.Type):
    """All columns of the table, or all that lies around: ``person.table.activity[row]``."""

    def __init__(self, rows: RowsType, part: str):
        self.rows, self.part = rows, part
        super().__init__(f"{part} of {rows}")

    @property
    def key(self) -> tuple:
        """What tells one type from another."""
        return self.rows.key, self.part


class TableType(types.Type):
    """A table of arrays in the frame of a pass: ``columns.activity[i]``."""

    def __init__(self, table: types.Record):
        self.table = table
        super().__init__("table")

    @property
    def key(self) -> tuple:
        """What tells one type from another."""
        return (self.table,)

    @property
    def stored(self) -> tuple[types.Type, ...]:
        """What stands in the frame: the arrays."""
        return tuple(arrays_at(self.table).values())


CELLS = {"bool": types.boolean}  # other types have NumPy's names


@functools.cache
def arrays_at(table: types.Record) -> dict[str, types.Array]:
    """Return the arrays of which a record of addresses tells, by name."""
    told = {name: field.title.split()[1:] for name, field in table.fields.items() if name != field.title}
    return {name: types.Array(CELLS.get(kind) or getattr(types, kind), int(ndim), "C")
            for name, (kind, ndim) in told.items()}  # fmt: skip


class _FramePointer(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        rows = kind.rows if isinstance(kind, PartType) else kind
        frame = ir.LiteralStructType([manager.lookup(each).get_value_type() for each in rows.stored])
        super().__init__(manager, kind, frame.as_pointer())


class _RowModel(models.StructModel):
    def __init__(self, manager: Any, kind: RowType) -> None:
        super().__init__(manager, kind, [("rows", kind.rows), ("row", types.int64)])


register_model(RowsType)(_FramePointer)
register_model(PartType)(_FramePointer)
register_model(TableType)(_FramePointer)


@infer_global(operator.getitem)
class _TakeRow(AbstractTemplate):
    def generic(self, values: Any, _: Any) -> Any:
        rows, row = values
        if isinstance(rows, RowsType) and isinstance(row, types.Integer):
            return signature(KINDS[rows.kind](rows), rows, types.int64)
        return None


@lower_builtin(operator.getitem, RowsType, types.int64)
def _take_row(context, builder, sig, args):
    person = cgutils.create_struct_proxy(sig.return_type)(context, builder)
    person.rows, person.row = args
    return person._getvalue()


@infer_getattr
class _RowAttributes(AttributeTemplate):
    key = RowType

    def generic_resolve(self, person: RowType, name: str) -> types.Type | None:
        rows = person.rows
        if name in rows.names["table"] and name != "ties":
            return _widened(rows.arrays[rows.place("table", name)].dtype)
        if name in ("table", "around"):
            return PartType(rows, name)
        own = {"row": types.int64, "person": types.int64, "signals": rows.parts[2], "p": rows.parts[3]}
        return own.get(name)


@infer_getattr
class _PartAttributes(AttributeTemplate):
    key = PartType

    def generic_resolve(self, part: PartType, name: str) -> types.Type | None:
        return part.rows.arrays[part.rows.place(part.part, name)] if name in part.rows.names[part.part] else None


@infer_getattr
class _TableAttributes(AttributeTemplate):
    key = TableType

    def generic_resolve(self, table: TableType, name: str) -> types.Type | None:
        return arrays_at(table.table).get(name)


def _widened(dtype: types.Type) -> types.Type:
    """Return the type in which a cell is read: arithmetic is 64-bit, small types are storage."""
    return types.float64 if isinstance(dtype, types.Float) else types.int64


@lower_getattr_generic(RowType)
def _row_attribute(context, builder, person_type, value, name):
    rows = person_type.rows
    person = cgutils.create_struct_proxy(person_type)(context, builder, value)
    if name == "row":
        return person.row
    if name in ("table", "around"):
        return person.rows
    if name in ("signals", "p"):
        where = len(rows.arrays) + (name == "p")
        return builder.load(cgutils.gep_inbounds(builder, person.rows, 0, where))
    if name == "person" and name not in rows.names["table"]:
        s = builder.load(cgutils.gep_inbounds(builder, person.rows, 0, len(rows.arrays)))
        return builder.add(context.get_getattr(rows.parts[2], "person0")(context, builder, rows.parts[2], s, "person0"),
                           person.row)  # fmt: skip
    place = rows.place("table", name)
    kind = rows.arrays[place]
    column = make_array(kind)(context, builder, ref=cgutils.gep_inbounds(builder, person.rows, 0, place))
    cell = context.unpack_value(builder, kind.dtype, builder.gep(column.data, [person.row], inbounds=True))
    return context.cast(builder, cell, kind.dtype, _widened(kind.dtype))


@lower_getattr_generic(PartType)
def _part_attribute(context, builder, part, value, name):
    return builder.load(cgutils.gep_inbounds(builder, value, 0, part.rows.place(part.part, name)))


@lower_getattr_generic(TableType)
def _table_attribute(context, builder, table, value, name):
    return builder.load(cgutils.gep_inbounds(builder, value, 0, tuple(arrays_at(table.table)).index(name)))


class Record:
    """A record, its fields as attributes; a record in it likewise."""

    def __init__(self, fields: Any) -> None:
        object.__setattr__(self, "fields", fields)

    def __getattr__(self, name: str) -> Any:
        value = self.fields[name]
        return Record(value) if value.dtype.names else value

    def __setattr__(self, name: str, value: Any) -> None:
        self.fields[name] = value


def record(records: Any, row: int = 0) -> Any:
    """Return a record of an array, its fields as attributes, to be read and written."""
    return Record(records[row])


overload(record, jit_options=MET_ONLY)(lambda records, row=0: lambda records, row=0: records[row])


# --- kinds of people ---

KINDS: dict[str, type[RowType]] = {}


def kind_of_people(name: str, *modules: ModuleType) -> Callable:
    """Return the function that makes persons of a table's rows, with the decisions that stand in the modules."""
    plain = add_decisions(type(name, (Row,), {}), *modules)
    KINDS[name] = type(f"{name}Type", (RowType,), {})
    register_model(KINDS[name])(_RowModel)

    def people(table: Any, around: Any, s: Any, p: Any) -> Any:
        """Return the rows of a table as persons; s and p are the signals of their city and the parameters.

        All are arrays of one record: to read a record itself takes Numba 20 microseconds, an array half of one.
        """
        return Rows(plain, table, around, record(s), record(p))

    @type_callable(people)
    def _(context):
        return lambda table, around, s, p: RowsType(name, *(given.dtype for given in (table, around, s, p)))

    lower_builtin(people, types.Any, types.Any, types.Any, types.Any)(_fill_frame)
    for each, module in decisions_of(*modules).items():
        ASKED.setdefault(each, set()).add(module)
        _compile_decision(KINDS[name], module, each)
    people.makes_people = True  # type: ignore[attr-defined]
    return people


def _fill_frame(context, builder, sig, args):
    """Put the arrays, whose addresses the caller of the pass holds, into its frame, and copies of s and p."""
    rows = sig.return_type
    frame = cgutils.alloca_once(builder, context.get_value_type(rows).pointee)
    given = [make_array(kind)(context, builder, value).data for kind, value in zip(sig.args, args, strict=True)]
    first = 0
    for table, address in zip(rows.parts[:2], given[:2], strict=True):
        _copy(builder, cgutils.gep_inbounds(builder, frame, 0, first), address, table)
        first += len(arrays_at(table))
    for place, (kind, numbers) in enumerate(zip(rows.parts[2:], given[2:], strict=True)):
        copy = cgutils.alloca_once(builder, numbers.type.pointee)
        _copy(builder, copy, numbers, kind)
        builder.store(copy, cgutils.gep_inbounds(builder, frame, 0, first + place))
    return frame


def _copy(builder, to, record_, kind):
    """Copy a record into the frame of a pass: the compiler sees that no column which the pass writes lies there."""
    n_bytes = ir.Constant(ir.IntType(64), kind.size)
    cgutils.raw_memcpy(builder, builder.bitcast(to, record_.type), record_, n_bytes, 1)


def table_at(columns: Any) -> Any:
    """Return the table of arrays that was handed over as addresses, its arrays as attributes."""
    return columns


@type_callable(table_at)
def _type_of_table(context):
    return lambda columns: TableType(columns.dtype)


@lower_builtin(table_at, types.Any)
def _lay_out_table(context, builder, sig, args):
    frame = cgutils.alloca_once(builder, context.get_value_type(sig.return_type).pointee)
    address = make_array(sig.args[0])(context, builder, args[0]).data
    _copy(builder, cgutils.gep_inbounds(builder, frame, 0, 0), address, sig.args[0].dtype)
    return frame


def _compile_decision(person_type: type[RowType], module: ModuleType, name: str) -> None:
    """Let compiled persons of a kind decide: looked up by name when it is compiled, so that a replaced one is found.

    The decision itself is called, with signals and parameters put in: no function in between is compiled.
    """
    space = vars(module)

    def called(context: Any, person: RowType, values: tuple) -> tuple[Any, Any]:
        """Return the decision's type, and its signature for a person and the values behind s and p."""
        function = context.resolve_value_type(space[name])
        return function, function.get_call_type(context, (person, *person.rows.parts[2:], *values), {})

    def lower(context: Any, builder: Any, person_type: RowType, person: Any, types_: tuple, values: tuple) -> Any:
        function, sig = called(context.typing_context, person_type, types_)
        implementation = context.get_function(function, sig)
        given = [_row_attribute(context, builder, person_type, person, each) for each in ("signals", "p")]
        result = implementation(builder, (person, *given, *values))
        context.add_linking_libs(getattr(implementation, "libs", ()))
        return result

    class Decision(AttributeTemplate):
        key = person_type

        def generic_resolve(self, person: RowType, attribute: str) -> Any:
            if attribute != name:
                return None
            if space[name].is_derived:
                return called(self.context, person, ())[1].return_type

            class Method(AbstractTemplate):
                key = (person_type, name)

                def generic(self, values: tuple, _: Any) -> Any:
                    sig = called(self.context, person, values)[1]
                    return signature(sig.return_type, *sig.args[len(GIVEN):], recvr=person)

            return types.BoundFunction(Method, person)

    infer_getattr(Decision)
    if space[name].is_derived:
        lower_getattr(person_type, name)(
            lambda context, builder, person_type, person: lower(context, builder, person_type, person, (), ()))
    else:
        lower_builtin((person_type, name), person_type, types.VarArg(types.Any))(
            lambda context, builder, sig, args: lower(context, builder, sig.args[0], args[0], sig.args[1:], args[1:]))
