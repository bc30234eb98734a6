"""A town of one's own: one square, one occasion of several days, nothing else that is planned."""

import pytest

CITY = """city,quantity,value,unit,note,source,confidence
all,country_adults,100000,persons,,invented,assumption
all,adult_share,0.8,share of population,,invented,assumption
all,employed_share,0.6,share of adults,,invented,assumption
all,state_share,0.5,share of employed,,invented,assumption
all,cell_size_m,250,m,,invented,assumption
all,unit_size,20,persons,,invented,assumption
all,judges,1,persons,,invented,assumption
all,commission_members,1,persons,,invented,assumption
all,is_capital,1,0 or 1,,invented,assumption
Riot,code,103,,,invented,assumption
Riot,population,{population},persons,,invented,assumption
Riot,radius_m,1000,m,,invented,assumption
Riot,home_scale_m,600,m,,invented,assumption
Riot,street_officers,20,persons,,invented,assumption
Riot,detention_places,10,persons,,invented,assumption
Riot,state_media_staff,1,persons,,invented,assumption
"""
TIMELINE = """date,hour,hours,city,kind,intensity,place,label,note,source,confidence
2031-05-02,0,,all,repression,0,,,,invented,assumption
2031-05-02,1,155,all,occasion,1,,,,invented,assumption
"""
SCENARIO = "name: riot\ntitle: A crowd\nstart: '2031-05-02'\nhours: 160\ndata: riot\ncities: [Riot]\n"
FILES = {
    "scenario/riot.yaml": SCENARIO, "data/riot/cities.csv": CITY, "data/riot/timeline.csv": TIMELINE,
    "data/riot/places.csv": "city,place,role,east_m,north_m,area_m2,attraction,note,source,confidence\n"
                            "Riot,Square,square,0,0,5000,1,,invented,assumption\n",
    "data/riot/plants.csv": "city,plant,employees,east_m,north_m,note,source,confidence\n",
    "data/riot/targets.csv": "city,outcome,statistic,date_from,hour_from,date_to,hour_to,low,high,informative,note,"
                             "source,confidence\n",
}  # fmt: skip


@pytest.fixture(scope="session")
def riot_folder(tmp_path_factory):
    """Return a function that writes the town `riot` with so many inhabitants, 80 % of them adults, into a folder."""

    def write(population):
        folder = tmp_path_factory.mktemp("conf")
        for name, text in FILES.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text.replace("{population}", str(population)), encoding="utf-8")
        return folder

    return write
