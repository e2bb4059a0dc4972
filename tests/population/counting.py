"""The base population counted by NumPy alone, for the tests of this folder."""

import numpy as np

from sim.kernels import layout
from sim.world.places import load_places

SCALE = 0.05


class Count:
    """The population of the base year counted by NumPy alone."""

    def __init__(self, state, scale):
        self.state, self.scale = state, scale
        member_bits = state.member_bits
        self.there = (member_bits >> layout.RELATION) & 7 > 0
        self.absent = ((member_bits >> layout.ABSENT) & 1 == 1) & self.there
        self.where = np.where(self.absent, state.hukou_location[:, None], state.residence[:, None]).astype(int)
        self.age, self.sex = (member_bits & 127).astype(int), ((member_bits >> layout.SEX) & 1).astype(int)
        self.kind, self.tenure = state.flags & 3, (state.flags >> layout.TENURE) & 7
        self.rows = np.broadcast_to(np.arange(len(state.uid))[:, None], member_bits.shape)

    def persons(self, mask=None):
        """(locations,) persons of the province."""
        mine = self.there if mask is None else self.there & mask
        return np.bincount(self.where[mine], minlength=layout.LOCATIONS) / self.scale

    def classes(self):
        """(classes, counties) residents by census class, those left behind being at home."""
        places = load_places()
        residence, hukou_location = self.state.residence.astype(int), self.state.hukou_location.astype(int)
        a, b, city = residence >> 1, hukou_location >> 1, places.city_index
        flag = (self.state.flags >> layout.LOCAL_ELSEWHERE) & 1 == 1
        cls = np.select(
            [(residence == hukou_location) & ~flag, a == b, b >= layout.COUNTIES, city[a] == city[b]],
            [layout.AT_HUKOU, layout.SAME_COUNTY, layout.OTHER_PROVINCE, layout.INTRA_CITY],
            layout.OTHER_COUNTY,
        )
        here = (self.there & ~self.absent).sum(1)
        out = np.zeros((5, layout.PLACES))
        np.add.at(out, (cls, a), here)
        return out[:, : layout.COUNTIES] / self.scale
